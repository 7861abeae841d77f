#!/bin/sh
# Runs the linters on each FOLDER.
# Usage: lint.sh FOLDER...
set -eu
here=$(CDPATH='' cd -- "$(dirname "$0")" && pwd)
linters=$(sh "$here/tools.sh")
PATH=$linters:$PATH

# scripts FOLDER: writes the scripts in ./Dockerfile into it, each under its own name.
scripts() {
    awk -v folder="$1" '
        at < count {
            if ($0 == names[at]) at++
            else print > (folder "/" names[at])
            next
        }
        {
            line = $0
            while (match(line, /<<"[^"]+"/)) {
                names[++last] = substr(line, RSTART + 3, RLENGTH - 4)
                line = substr(line, RSTART + RLENGTH)
            }
        }
        # The scripts begin after the last line of the instruction.
        last && !/\\$/ { at = 1; count = last + 1; last = 0 }
    ' Dockerfile
}

for folder; do
    cd "$folder"
    # cd, because Cargo reads its configuration from the folder that it runs in.
    find "$PWD" -name Cargo.toml -not -path '*/target/*' | while read -r manifest; do
        # Not from its folder, whose toolchain file may ask for another cargo. No clippy: it would compile hundreds of crates,
        # which a weekly test does, and only images have the compilers that services need.
        case $manifest in
            */bench/* | */generate/* | */paste/services/*)
                cargo fmt --all --check --manifest-path "$manifest"
                continue
                ;;
        esac
        cd "${manifest%/*}"
        cargo fmt --check
        cargo clippy --quiet --locked --all-targets -- --deny warnings
    done
    # Except the peers, because those stay as their authors wrote them.
    find . -name '*Dockerfile' -not -path '*/target/*' -not -path '*/bench/peers/*' \
        -exec hadolint --config "$here/hadolint.yaml" --failure-threshold style {} +
    find . \( -name '*.sh' -o -path ./.ci/run \) -not -path '*/target/*' \
        -exec shellcheck --external-sources --source-path SCRIPTDIR {} +
    inline=$(mktemp -d)
    scripts "$inline"
    # SC2086, because the shell has to split the list in $FILES.
    grep -l '^#!/bin/bash' "$inline"/* | xargs shellcheck --exclude SC2086
    rm -r "$inline"
    zizmor --offline --persona auditor --strict-collection --no-progress --quiet .
    for schema in vendor.github-workflows custom.github-workflows-require-timeout; do
        check-jsonschema --quiet --builtin-schema "$schema" .github/workflows/*.yml
    done
    check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
done
