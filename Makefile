# The image of this project. `make` lists the targets.

# What the image is made on: alpine has a shell and whoami, scratch nothing but the program.
BASE ?= alpine
# Handed to the program, to `docker buildx build` and to `docker run`, as they are.
ARGS ?=
BUILD_FLAGS ?=
RUN_FLAGS ?=
# The build arguments that the Dockerfile explains at its top.
BIN ?=
CARGO_FLAGS ?=
PROFILE ?=
APT_PACKAGES ?=
BUILD_ENV ?=
FILES ?=
# The image's platform, like linux/arm64.
PLATFORM ?=
# The builder, if not the one in use, and where its layers are kept for others, like
# type=registry,ref=ghcr.io/me/app:cache (several with a space between; CACHE_TO takes mode=max).
BUILDER ?=
CACHE_FROM ?=
CACHE_TO ?=
# The most bytes that size-check accepts, unpacked.
MAX_SIZE ?= 50000000

# Of the package, or else of the folder.
NAME := $(shell { [ ! -f Cargo.toml ] || \
    awk -F "[\"']" '/^\[/ { own = /^\[package\]/ } own && /^name *=/ { print $$2; exit }' Cargo.toml; \
    basename "$(CURDIR)"; } | head -n 1 | tr 'A-Z ' 'a-z-')
IMAGE ?= $(NAME)
# What `make run` makes. No registry answers to its name, so nobody gets it by mistake.
RUN_IMAGE = localhost/$(notdir $(IMAGE))
# The image's date: that of the build would make each one another.
export SOURCE_DATE_EPOCH ?= 0
export BIN CARGO_FLAGS PROFILE APT_PACKAGES BUILD_ENV FILES
ifneq ($(PLATFORM),)
export DOCKER_DEFAULT_PLATFORM := $(PLATFORM)
endif

docker_build = docker buildx build --target on-$(BASE) $(BUILDER:%=--builder %) $(CACHE_FROM:%=--cache-from %) \
    $(foreach arg,BIN CARGO_FLAGS PROFILE APT_PACKAGES BUILD_ENV FILES,$(if $($(arg)),--build-arg $(arg)))
# On scratch the program is the entry point, on alpine a command like others.
PROGRAM = $(if $(filter alpine,$(BASE)),app)
fail = { echo "error: $(1)" >&2; exit 1; }
# Asked only after a build has failed: the answer takes a tenth of a second.
explain = { docker buildx version >/dev/null 2>&1 || \
    $(call fail,Docker has no BuildKit: install its buildx plugin (with Docker 23 or newer)); exit 1; }

.PHONY: help ready build run check size-check clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

ready:
	@[ -f Cargo.toml ] || $(call fail,there is no Cargo.toml here)
	@[ -f Cargo.lock ] || $(call fail,there is no Cargo.lock: make one with 'cargo generate-lockfile')
	@case "$(BASE)" in alpine | scratch) ;; *) $(call fail,BASE is '$(BASE)': choose alpine or scratch) ;; esac
	@reason=$$(docker version 2>&1 >/dev/null) || $(call fail,no Docker engine to be used: $$reason)

build: ready ## Build the image to release, the same bytes each time (BASE=alpine or BASE=scratch)
	$(docker_build) $(CACHE_TO:%=--cache-to %) --load --tag $(IMAGE) $(BUILD_FLAGS) . || $(explain)

run: ready ## Build the last edit, incrementally, as an image of its own, and run it (ARGS="--help")
	$(docker_build) --build-arg INCREMENTAL="$(CURDIR)" --load --tag $(RUN_IMAGE) $(BUILD_FLAGS) . || $(explain)
	docker run --rm --init --interactive $(RUN_FLAGS) $(RUN_IMAGE) $(PROGRAM) $(ARGS)

check: build ## Check that the program runs under its own account and with no rights
	@container=$$(docker create --read-only --cap-drop ALL --security-opt no-new-privileges \
	    --network none $(IMAGE) $(PROGRAM) $(ARGS)) && \
	trap 'docker rm --force "$$container" >/dev/null' EXIT && \
	user=$$(docker image inspect --format '{{.Config.User}}' $(IMAGE)) && uid=$${user%%:*} && \
	case "$$uid" in '' | 0* | *[!0-9]*) $(call fail,the user is '$$user' and not a number above 0) ;; esac && \
	account=$$(docker cp "$$container:/etc/passwd" - | tar -xOf - | awk -F : '$$3 == uid { print $$1 }' uid="$$uid") && \
	{ [ "$(BASE)" = scratch ] || account=$$(docker run --rm $(IMAGE) whoami) || account=; } && \
	{ [ -n "$$account" ] && docker cp "$$container:/usr/local/bin/$$account" - >/dev/null || \
	    $(call fail,user $$uid is '$$account' and there is no program of that name); } && \
	docker start "$$container" >/dev/null && \
	for second in 1 2 3; do \
	    running=$$(docker inspect --format '{{.State.Running}}' "$$container") && \
	    { [ "$$running" = false ] || sleep 1; }; \
	done && \
	state=$$(docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$$container") && \
	docker logs "$$container" && \
	case "$$state" in running* | 'exited 0') ;; *) $(call fail,the program has $$state) ;; esac && \
	echo "$(IMAGE) runs as $$account ($$user): root is read-only, no capabilities, no network"

size-check: ready ## Print the image's size, and fail over MAX_SIZE
	@image=$$(mktemp) && trap 'rm "$$image"' EXIT && \
	$(docker_build) --output "type=tar,dest=$$image" $(BUILD_FLAGS) . || $(explain) && \
	unpacked=$$(wc -c < "$$image") && compressed=$$(gzip -9 < "$$image" | wc -c) && \
	echo "$(IMAGE): $$((unpacked)) bytes unpacked, $$((compressed)) bytes compressed" && \
	{ [ "$$unpacked" -le "$(MAX_SIZE)" ] || $(call fail,the unpacked image is over MAX_SIZE=$(MAX_SIZE)); }

clean: ready ## Remove the images
	docker image rm --force $(IMAGE) $(RUN_IMAGE)
