# make lab    opens the course in JupyterLab           make build   builds the notebooks from solutions/*.py
# make slides writes the decks to _build/slides        make site    writes the website to _build/site
# make test   runs every test                          make format  formats the code
# make soak   grades 1000 submissions, kills graders and feeds them noise for an hour: two hours and a half;
#             as root, with iproute2 and openssl, on a cluster in networks of its own too
# make evidence  measures again what the course concludes from training: two hours; ARGS="--fresh 7 deep"
# make bench  measures everything beside what people use instead: an hour; ARGS="--quick --only slider"
#             without the suite's own ten minutes: ARGS=--no-suite; beside another checkout: ARGS="--against DIR"
# The first run installs into .venv and needs the internet. A Python of your own: make lab PYTHON=/path/to/python3
# It takes the versions of constraints.txt; the newest that pyproject.toml allows: make lab CONSTRAINTS=

PYTHON ?= python3.13 python3.12 python3.11 python3
CONSTRAINTS ?= -c constraints.txt
VENV := .venv/bin
NBVAL := $(VENV)/python -m pytest --nbval-current-env --nbval-cell-timeout 120 \
	--nbval-sanitize-with tests/nbval.cfg -n 2 --dist loadscope -q
STRICT := $(NBVAL) --nbval solutions

# An environment that was moved or lost its Python is made anew.
ifneq ($(shell $(VENV)/python -c 'print(open(".venv/where").read().strip())' 2>/dev/null),$(CURDIR))
.PHONY: .venv/where .venv/learn .venv/teach .venv/develop
endif

.PHONY: lab slides site test soak bench evidence build format clean ready

lab: .venv/learn
	@$(VENV)/actlab lab

slides site: .venv/teach
	@$(VENV)/actlab $@

build: .venv/develop
	@$(VENV)/actlab build

format: .venv/develop
	@$(VENV)/ruff check --fix . ; $(VENV)/ruff format .

# What the tests need: from the system, from PyPI, and a browser where the system has none.
ready:
	@tests/setup.sh
	@$(MAKE) --no-print-directory --silent .venv/develop
	@tests/browser.sh >/dev/null 2>&1 || $(VENV)/playwright install --with-deps chromium || tests/browser.sh

test: ready
	@failed=; took=; \
	step() { \
		title=$$1; shift; printf '\n=== %s\n' "$$title"; begun=$$(date +%s); \
		"$$@" || failed="$$failed\n  - $$title"; \
		took="$$took$$(printf '\\n%5d s  %s' "$$(($$(date +%s) - begun))" "$$title")"; \
	}; \
	export OMP_NUM_THREADS=1 ACTLAB_HOME="$$(pwd -P)/_build/home"; \
	step 'types and style' sh -c '$(VENV)/ruff check . && $(VENV)/ruff format --check . && $(VENV)/mypy'; \
	step 'package, build, set-up, browser' $(VENV)/python -m pytest tests -n 2 --dist loadscope --no-loadscope-reorder -q \
		--durations 15 --durations-min 1; \
	step 'untouched notebooks run' $(NBVAL) --nbval-lax notebooks; \
	export ACTLAB_STATIC=1; \
	step 'solutions say what they said: 1 thread' $(STRICT); \
	step 'solutions say what they said: 2 threads, plain CPU' env OMP_NUM_THREADS=2 ATEN_CPU_CAPABILITY=default $(STRICT); \
	printf "\nWhere the time went:$$took\n"; \
	if [ -n "$$failed" ]; then printf "\nFailed:$$failed\n"; exit 1; fi; \
	printf '\nAll passed.\n'

soak: ready
	@OMP_NUM_THREADS=1 $(VENV)/python -m pytest tests/soak/soak_grading.py tests/soak/soak_verdicts.py tests/soak/soak_challenge.py tests/soak/soak_pyodide.py -q -s

bench: ready
	@cd tests && OMP_NUM_THREADS=1 ../$(VENV)/python -m bench $(ARGS)

evidence: .venv/learn
	@$(VENV)/actlab evidence run $(ARGS)

clean:
	rm -rf .venv _build .pytest_cache .ruff_cache .mypy_cache .hypothesis

.venv/where:
	@for python in $(PYTHON); do \
		version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
		case $$version in 3.[0-9]|3.10|[0-2].*) old=$$version; continue;; esac; \
		if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then bare=$$version; continue; fi; \
		rm -rf .venv; \
		"$$python" -m venv .venv && pwd -P > $@ && exit 0; \
		rm -rf .venv; echo 'Could not make the folder .venv: the lines above say why.'; exit 1; \
	done; \
	if [ -n "$$bare" ]; then \
		echo "Python $$bare is here but cannot make environments. On Debian or Ubuntu: sudo apt install python3-venv"; \
	else \
		echo "actlab needs Python 3.11 or newer; found $${old:-none}."; \
	fi; \
	exit 1

.venv/learn: EXTRA = [learn]
.venv/teach: EXTRA = [teach]
.venv/develop: EXTRA = [dev]
.venv/learn .venv/teach .venv/develop: pyproject.toml constraints.txt | .venv/where
	@echo 'Installing the course. The first time takes some minutes.'
	@$(VENV)/python -m pip install --disable-pip-version-check --retries 2 $(CONSTRAINTS) -e '.$(EXTRA)' || { \
		echo 'Could not install: the lines above say why.' \
			'The first run needs the internet; afterwards everything works offline.' \
			'If a version is not there for your Python or computer, add CONSTRAINTS= to the command.'; exit 1; }
	@touch .venv/learn $@ $(if $(filter %develop,$@),.venv/teach)
