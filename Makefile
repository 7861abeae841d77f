# Builds, runs and checks the image of this project. `make` lists the targets.

# The base image: alpine has a shell and whoami, scratch has neither.
BASE = alpine

# The image's name: that of the folder, in lower case, with a dash for all but letters and digits.
folder := $(shell basename "$$(pwd)" | \
    LC_ALL=C tr A-Z a-z | \
    LC_ALL=C sed -e 's/[^a-z0-9]\{1,\}/-/g' -e 's/^-//' -e 's/-$$//')
IMAGE := $(or $(folder),app)

# Arguments for the program. `make check` takes --version if there are none.
ARGS ?=

# More options for `docker run`, like --env DATABASE_URL=… or --publish 8080:8080
RUN_FLAGS ?=

# More options for `docker buildx build`.
BUILD_FLAGS ?=

# The image's platform, like linux/arm64, if it is not the builder's.
PLATFORM := $(DOCKER_DEFAULT_PLATFORM)
export DOCKER_DEFAULT_PLATFORM := $(PLATFORM)

# The bytes that the image may have, unpacked.
MAX_SIZE = 50000000

# Give these after `make`, like BIN=server. The Dockerfile explains them at its top. Make puts the
# values into the environment, where Docker finds them.
build_args = BIN CARGO_FLAGS PROFILE APT_PACKAGES BUILD_ENV FILES
given = $(foreach arg,$(build_args),$(if $(filter command,$(origin $(arg))),--build-arg $(arg)))

# The date of each image. It is fixed, so that equal sources make equal images.
export SOURCE_DATE_EPOCH = 0

docker_build = docker buildx build --target on-$(BASE) $(BUILD_FLAGS) $(given)

# `make run` has an image of its own. Nobody pushes localhost/… by accident, as it is no registry.
RUN_IMAGE = localhost/$(notdir $(IMAGE))

# `make run` has a cache for each folder of each machine.
incremental = --build-arg INCREMENTAL="$$(uname -n):$$(pwd)"

# An image that is not compressed loads faster. podman's `docker` has only --load.
is_podman = $(findstring podman,$(shell docker --version))
load = $(if $(is_podman),--load,--output type=docker,compression=uncompressed)

# On scratch the program is the entry point. On alpine it is a command like any other.
program = $(if $(filter alpine,$(BASE)),app)

# Ends a recipe with an error.
fail = { echo "error: $(1)" >&2 && exit 1; }

# The steps of `check` run in the order in which they are written.
.NOTPARALLEL:
.PHONY: help build run check check-image check-user check-account check-start size-check clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the image for release (BASE=alpine or BASE=scratch)
	$(docker_build) --load --tag $(IMAGE) .

run: ## Build incrementally, as a separate image, and run it (ARGS="--help")
	$(docker_build) $(incremental) $(load) --tag $(RUN_IMAGE) .
	docker run --rm --init --interactive $(RUN_FLAGS) $(RUN_IMAGE) $(program) $(ARGS)

check: build check-image ## Build the image for release, and check it

check-image: check-user check-account check-start ## Check the image, without a build

check-user: ## Check that the image's user is a number above 0
	@docker image inspect --format 'user: {{.Config.User}}' $(IMAGE) | \
	    grep -x 'user: [1-9][0-9:]*' || \
	    $(call fail,the user of $(IMAGE) has to be a number above 0)

check-account: ## Check that whoami prints the program's name (on alpine)
ifeq ($(BASE),alpine)
	@docker run --rm $(IMAGE) sh -c \
	    'name=$$(whoami) && test -x "/usr/local/bin/$$name" && echo "whoami: $$name"' || \
	    $(call fail,on alpine whoami has to print the name of the program)
endif

check-start: ## Check that the program starts without privileges (ARGS="--version")
	@id=$$(docker create \
	    --read-only \
	    --cap-drop ALL \
	    --security-opt no-new-privileges \
	    --network none \
	    $(RUN_FLAGS) $(IMAGE) $(program) $(or $(ARGS),--version)) && \
	trap 'docker rm --force --volumes "$$id" >/dev/null' EXIT && \
	docker start "$$id" >/dev/null && \
	sleep 3 && \
	docker logs "$$id" && \
	state=$$(docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$$id") && \
	echo "with a read-only root, no capabilities and no network: $$state" && \
	case "$$state" in \
	    running* | 'exited 0') ;; \
	    *) $(call fail,the program has to exit with 0 or to run on) ;; \
	esac && \
	if [ "$$state" = 'exited 0' ] && [ -z "$$(docker logs "$$id" 2>&1)" ]; then \
	    echo 'note: it ended without a word, so this check says little. Set ARGS and RUN_FLAGS to' && \
	    echo 'note: what it needs to do something.' ; \
	fi && \
	docker stop -t 1 "$$id" >/dev/null && \
	status=$$(docker wait "$$id") && \
	if [ "$$status" = 137 ]; then \
	    echo 'note: it goes on after SIGTERM, so Docker kills it 10 seconds later.' && \
	    echo 'note: handle SIGTERM, or start it with docker run --init.' ; \
	fi

size-check: ## Print the image's size, and fail over MAX_SIZE unpacked bytes
	@tar=$$(mktemp) && \
	trap 'rm "$$tar"' EXIT && \
	$(docker_build) --output "type=tar,dest=$$tar" . && \
	bytes=$$(wc -c < "$$tar" | tr -d ' ') && \
	compressed=$$(gzip -9 < "$$tar" | wc -c | tr -d ' ') && \
	echo "$(IMAGE): $$bytes bytes unpacked, $$compressed bytes compressed" && \
	if [ "$$bytes" -gt "$(MAX_SIZE)" ]; then \
	    $(call fail,the image is over MAX_SIZE=$(MAX_SIZE)) ; \
	fi

clean: ## Remove the images
	docker image rm --force $(IMAGE) $(RUN_IMAGE)
