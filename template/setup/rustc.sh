#!/bin/sh
# Compiles panic_abort with the strategy that it is for, as the released toolchains do.
rustc=$1
shift
case " $* " in
    *" --crate-name panic_abort "*) exec "$rustc" "$@" -Cpanic=abort ;;
    *) exec "$rustc" "$@" ;;
esac
