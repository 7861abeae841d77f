# Builds, runs and checks the image of this project. `make` lists the targets.

# The base image: alpine has a shell and whoami, scratch has neither.
BASE = alpine
# The image's name: the folder's, in lower case, with a dash for all but letters and digits.
IMAGE := $(or $(shell basename "$$(pwd)" | LC_ALL=C tr A-Z a-z | LC_ALL=C tr -cs a-z0-9 - | sed 's/^-//; s/-$$//'),app)
# Arguments for the program. BUILD_FLAGS are options of `docker buildx build`, RUN_FLAGS of `docker run`.
ARGS =
# The image's platform, like linux/arm64, if it is not the builder's.
PLATFORM := $(DOCKER_DEFAULT_PLATFORM)
export DOCKER_DEFAULT_PLATFORM := $(PLATFORM)
MAX_SIZE = 50000000

# The Dockerfile explains these at its top. Give them after `make`, like BIN=server.
build_args = BIN CARGO_FLAGS PROFILE APT_PACKAGES BUILD_ENV FILES
# A fixed date, so that equal sources make equal images.
export SOURCE_DATE_EPOCH = 0
docker_build = docker buildx build --target on-$(BASE) $(BUILD_FLAGS) \
    $(foreach arg,$(build_args),$(if $(filter command,$(origin $(arg))),--build-arg $(arg)))
# On scratch the program is the entry point; on alpine it is a command like any other.
program = $(if $(filter alpine,$(BASE)),app)
# An image called localhost/… cannot be pushed by accident. Uncompressed, it loads faster; podman has only --load.
RUN_IMAGE = localhost/$(notdir $(IMAGE))
load = $(if $(findstring podman,$(shell docker --version)),--load,--output type=docker,compression=uncompressed)
.PHONY: help build run check size-check clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build the image for release (BASE=alpine or BASE=scratch)
	$(docker_build) --load --tag $(IMAGE) .

run: ## Build incrementally, as a separate image, and run it (ARGS="--help")
	$(docker_build) --build-arg INCREMENTAL="$$(pwd)" $(load) --tag $(RUN_IMAGE) .
	docker run --rm --init --interactive $(RUN_FLAGS) $(RUN_IMAGE) $(program) $(ARGS)

check: build ## Check the user, the account, and that the program starts without privileges (ARGS="--version")
	@docker image inspect --format 'user: {{.Config.User}}' $(IMAGE) | grep -x 'user: [1-9][0-9:]*' || \
	    { echo "error: the user of $(IMAGE) has to be a number above 0" >&2; exit 1; }
ifeq ($(BASE),alpine)
	@docker run --rm $(IMAGE) sh -c 'name=$$(whoami) && test -x "/usr/local/bin/$$name" && echo "whoami: $$name"' || \
	    { echo "error: on alpine, whoami has to print the name of the program" >&2; exit 1; }
endif
	@id=$$(docker create --read-only --cap-drop ALL --security-opt no-new-privileges --network none $(RUN_FLAGS) \
	    $(IMAGE) $(program) $(or $(ARGS),--version)) && trap 'docker rm --force "$$id" >/dev/null' EXIT && \
	docker start "$$id" >/dev/null && sleep 3 && docker logs "$$id" && \
	state=$$(docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$$id") && \
	echo "with a read-only root, no capabilities and no network: $$state" && \
	case "$$state" in running* | 'exited 0') ;; *) echo "error: it has to end with 0 or run on" >&2; exit 1 ;; esac && \
	docker stop -t 1 "$$id" >/dev/null && if [ "$$(docker wait "$$id")" = 137 ]; then \
	    echo "note: it goes on after SIGTERM, so Docker kills it 10 seconds later. Handle SIGTERM, or docker run --init"; fi

size-check: ## Print the image's size, and fail over MAX_SIZE unpacked bytes
	@tar=$$(mktemp) && trap 'rm "$$tar"' EXIT && $(docker_build) --output "type=tar,dest=$$tar" . && \
	bytes=$$(($$(wc -c < "$$tar"))) && \
	echo "$(IMAGE): $$bytes bytes unpacked, $$(($$(gzip -9 < "$$tar" | wc -c))) bytes compressed" && \
	{ [ "$$bytes" -le "$(MAX_SIZE)" ] || { echo "error: the image is over MAX_SIZE=$(MAX_SIZE)" >&2; exit 1; }; }

clean: ## Remove the images
	docker image rm --force $(IMAGE) $(RUN_IMAGE)
