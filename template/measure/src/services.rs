//! Services: small projects on crates that many services use, built, checked, asked and stopped.

use std::time::Instant;

use serde::{Deserialize, Serialize};

use workshop::ask::{get, until_it_succeeds};
use workshop::container::Container;
use workshop::{Outcome, Project, copy_files, machine, repository, today};

use crate::paste::{image_bytes, locked_crates, read, reason};

/// A row of `services.csv`: a service to try.
#[derive(Deserialize)]
pub struct Service {
    /// Its folder in `template/paste/services`.
    pub name: String,
    /// What a person appends to `make build`, in the shell's syntax.
    pub arguments: String,
    /// What its owner adds to the last stages of the Dockerfile, before USER.
    pub lines: String,
    /// The argument with which the program asks its own service. Empty if the service answers HTTP.
    pub call: String,
    /// What the answer has to contain.
    pub prints: String,
}

/// A row of `services-results.csv`: how a service did, on both bases.
#[derive(Deserialize, Serialize)]
pub struct ServiceRow {
    pub date: String,
    /// Processor, cores and versions.
    pub machine: String,
    pub name: String,
    /// Packages in the lock file, less one for the program itself.
    pub crates: usize,
    pub built: bool,
    /// Does `make check` succeed?
    pub checked: bool,
    /// Does it answer as it should, and then end with status 0 on SIGTERM?
    pub answered: bool,
    /// Wall time of the first build. The shared caches have the crates of programs tried before.
    pub seconds: u64,
    /// Size of the unpacked image. 0 if there is none.
    pub scratch_bytes: u64,
    pub alpine_bytes: u64,
    /// Why it failed. Empty if it did not.
    pub note: String,
}

/// How a service did on one base, and why it failed, if it did.
#[derive(Default)]
struct Tried {
    built: bool,
    checked: bool,
    answered: bool,
    seconds: u64,
    bytes: u64,
    note: String,
}

/// All services of `services.csv`.
pub fn services() -> Vec<Service> {
    read("services.csv")
}

/// Builds both images of a service, checks and starts them, asks the service, and ends it. Returns
/// the result and the log. Panics if Docker fails to start or to stop a container.
pub fn try_service(service: &Service) -> (ServiceRow, String) {
    let project = Project::published(|home| {
        let folder = home.join(&service.name);
        let sources = repository().join("template/paste/services");
        copy_files(&sources.join(&service.name), &folder);
        folder
    });
    project.add_to_images(&service.lines);
    let mut log = String::new();
    let [alpine, scratch] =
        ["alpine", "scratch"].map(|base| try_on(base, service, &project, &mut log));
    let notes = [&alpine, &scratch].map(|tried| tried.note.as_str());
    let row = ServiceRow {
        date: today(),
        machine: machine(),
        name: service.name.clone(),
        crates: locked_crates(&project),
        built: alpine.built && scratch.built,
        checked: alpine.checked && scratch.checked,
        answered: alpine.answered && scratch.answered,
        seconds: alpine.seconds,
        scratch_bytes: scratch.bytes,
        alpine_bytes: alpine.bytes,
        note: notes.into_iter().find(|note| !note.is_empty()).unwrap_or_default().to_owned(),
    };
    (row, log)
}

/// Does it all on one base, up to the first failure.
fn try_on(base: &str, service: &Service, project: &Project, log: &mut String) -> Tried {
    let mut tried = Tried::default();
    let mut make = |target: &str| {
        let outcome = project.step(&format!("make {target} BASE={base} {}", service.arguments));
        *log += &format!("{outcome}\n");
        outcome
    };
    let begin = Instant::now();
    let built = make("build");
    tried.seconds = begin.elapsed().as_secs();
    tried.built = built.success;
    if !tried.built {
        tried.note = reason(&built.to_string());
        return tried;
    }
    tried.bytes = image_bytes(&make("size-check MAX_SIZE=1000000000"));
    let checked = make("check");
    tried.checked = checked.success;
    if !tried.checked {
        tried.note = reason(&checked.to_string());
        return tried;
    }
    match answers(base, service, project, log) {
        Ok(()) => tried.answered = true,
        Err(reason) => {
            *log += &reason;
            tried.note = reason.lines().next().unwrap_or_default().to_owned();
        }
    }
    tried
}

/// Starts the image without privileges, asks the service, and ends it. Returns why that failed.
fn answers(
    base: &str,
    service: &Service,
    project: &Project,
    log: &mut String,
) -> Result<(), String> {
    let options = "--read-only --cap-drop=ALL --security-opt=no-new-privileges";
    let app = if base == "alpine" { "app" } else { "" };
    let container = Container::start(options, &project.image, app);
    let call = format!("{app} {}", service.call);
    let ask = || match service.call.as_str() {
        "" => get(&format!("http://{}:8080/", container.address())),
        _ => said(container.beside(&project.image, &call)),
    };
    let answer = until_it_succeeds(ask);
    let healthy = match service.lines.contains("HEALTHCHECK") {
        true => until_it_succeeds(|| match container.health() {
            health if health == "healthy" => Ok(health),
            health => Err(format!("is {health}")),
        }),
        false => Ok(String::new()),
    };
    let begin = Instant::now();
    let status = container.stop(5);
    let milliseconds = begin.elapsed().as_millis();
    *log +=
        &format!("{answer:?}\nended with {status} after {milliseconds} ms\n{}\n", container.logs());
    let answer = answer?;
    healthy?;
    if !answer.contains(&service.prints) {
        return Err(format!("answered {answer:?}"));
    }
    match status {
        0 => Ok(()),
        _ => Err(format!("ended with {status} on SIGTERM")),
    }
}

/// What a successful command printed.
fn said(outcome: Outcome) -> Result<String, String> {
    if outcome.success { Ok(outcome.stdout) } else { Err(outcome.to_string()) }
}
