//! What a service needs when it runs, by the lines that the Dockerfile shows at its end.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use workshop::container::Container;
use workshop::edits::add_to_images;
use workshop::small::MANIFEST;
use workshop::{Outcome, Project, docker};

/// With `serve`, counts a start in /data and goes on. Otherwise prints its arguments, a variable and
/// a file.
const MAIN: &str = r#"
use std::{env, fs, io::Write, thread};

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("serve") => {
            let mut file = fs::File::options().append(true).create(true).open("/data/starts").unwrap();
            writeln!(file, "started").unwrap();
            println!("start {}", fs::read_to_string("/data/starts").unwrap().lines().count());
            thread::park();
        }
        Some("healthcheck") => assert!(fs::exists("/data/starts").unwrap()),
        _ => {
            let file = fs::read_to_string("/etc/app/config.toml").unwrap();
            println!("{arguments:?} {} {}", env::var("LISTEN").unwrap(), file.trim());
        }
    }
}
"#;

const BASES: [&str; 2] = ["alpine", "scratch"];

/// The examples in the comment above the last stages of the Dockerfile, but the packages of Alpine,
/// for which no repository can be reached.
fn examples(project: &Project) -> Vec<String> {
    let dockerfile = project.read("Dockerfile");
    let (_, comment) = dockerfile.split_once("# ---- the images").unwrap();
    let (comment, _) = comment.split_once("\nFROM ").unwrap();
    let lines = comment.lines().filter_map(|line| line.strip_prefix("#   "));
    let lines = lines.filter(|line| !line.contains("apk add"));
    lines.map(str::to_owned).collect()
}

fn with_examples() -> Project {
    let files = [
        MANIFEST,
        ("src/main.rs", MAIN),
        ("config.toml", "level = 3\n"),
    ];
    let project = Project::pasted(&files);
    add_to_images(&project, |_| {
        let lines = examples(&project);
        assert!(lines.len() >= 6, "{lines:?}");
        lines.join("\n").replace("--interval=10s", "--interval=1s")
    });
    project
}

/// `arguments` as they are given to a container of the image on `base`.
fn app<'a>(base: &str, arguments: &[&'a str]) -> Vec<&'a str> {
    let program: &[&str] = if base == "alpine" { &["app"] } else { &[] };
    [program, arguments].concat()
}

fn build(project: &Project, base: &str) {
    let base = format!("BASE={base}");
    project.make(&["build", &base], "").succeeds();
}

#[test]
fn the_examples_are_in_the_image_on_both_bases() {
    let project = with_examples();
    for base in BASES {
        build(&project, base);
        let config = project.inspect()["Config"].take();
        let environment = config["Env"].as_array().unwrap();
        assert!(
            environment.contains(&json!("LISTEN=0.0.0.0:8080")),
            "{config}"
        );
        assert_eq!(config["ExposedPorts"], json!({ "8080/tcp": {} }));
        assert_eq!(config["Volumes"], json!({ "/data": {} }));
        assert_eq!(config["StopSignal"], "SIGINT");
        assert_eq!(config["User"], "1000:1000");
        let printed = project.container(&[], &app(base, &["one"])).succeeds();
        assert_eq!(printed.last_line(), r#"["one"] 0.0.0.0:8080 level = 3"#);
    }
}

#[test]
fn a_health_check_turns_healthy() {
    let project = with_examples();
    for base in BASES {
        build(&project, base);
        let program = app(base, &["serve"]);
        let container =
            Container::start(&["--read-only", "--cap-drop=ALL"], &project.image, &program);
        let healthy = (0..100).any(|_| {
            sleep(Duration::from_millis(100));
            container.health() == "healthy"
        });
        assert!(healthy, "{base}: {}", container.health());
    }
}

#[test]
fn default_arguments_are_given_and_replaced() {
    let main = r#"fn main() { println!("{:?}", std::env::args().skip(1).collect::<Vec<_>>()) }"#;
    let project = Project::pasted(&[MANIFEST, ("src/main.rs", main)]);
    // The comments in both stages show the lines.
    let serve = r#"CMD ["serve"]"#;
    let like = format!("# For default arguments, add a line like this one: {serve}\n");
    project.edit("Dockerfile", &like, &format!("{serve}\n"));
    let shown = "write a line like this one instead:\n# ";
    let serve = r#"CMD ["app", "serve"]"#;
    project.edit("Dockerfile", &format!("{shown}{serve}\n"), "\n");
    project.edit("Dockerfile", "CMD [\"app\"]\n", &format!("{serve}\n"));
    for base in BASES {
        build(&project, base);
        let printed = project.container(&[], &[]).succeeds();
        assert_eq!(printed.last_line(), r#"["serve"]"#, "{base}");
        let printed = project.container(&[], &app(base, &["other"])).succeeds();
        assert_eq!(printed.last_line(), r#"["other"]"#, "{base}");
    }
}

/// Starts the program twice with a new named volume, and expects that the second one finds what the
/// first has written.
fn writes_to_a_volume(project: &Project, base: &str) {
    let volume = project.image.replace('/', "-");
    let options = [
        "--read-only",
        "--cap-drop=ALL",
        &format!("--volume={volume}:/data"),
    ];
    let program = app(base, &["serve"]);
    let mut printed = Vec::new();
    for _ in 0..2 {
        let container = Container::start(&options, &project.image, &program);
        container.stop(0);
        printed.push(container.logs().stdout);
    }
    docker(&["volume", "rm", &volume]).succeeds();
    assert_eq!(printed, ["start 1\n", "start 2\n"], "{base}");
}

#[test]
fn a_new_named_volume_can_be_written_without_an_edit() {
    let project = Project::pasted(&[MANIFEST, ("src/main.rs", MAIN)]);
    for base in BASES {
        build(&project, base);
        writes_to_a_volume(&project, base);
    }
}

#[test]
fn another_user_owns_the_volume_as_well() {
    let project = Project::pasted(&[MANIFEST, ("src/main.rs", MAIN)]);
    let (before, images) = {
        let dockerfile = project.read("Dockerfile");
        let (before, images) = dockerfile.split_once("# ---- the images").unwrap();
        (
            before.to_owned(),
            images.replace("1000:1000", "65532:65532"),
        )
    };
    fs::write(
        project.path.join("Dockerfile"),
        format!("{before}# ---- the images{images}"),
    )
    .unwrap();
    for base in BASES {
        build(&project, base);
        assert_eq!(project.inspect()["Config"]["User"], "65532:65532");
        writes_to_a_volume(&project, base);
    }
}

/// Builds on both bases, and returns what the program prints without arguments.
fn prints_on_both(project: &Project, arguments: &[&str], flags: &str) -> Vec<String> {
    let printed = |base| {
        let base = format!("BASE={base}");
        let arguments = [&["run", &base], arguments].concat();
        let ran: Outcome = project.make(&arguments, flags).succeeds();
        ran.last_line().to_owned()
    };
    BASES.map(printed).to_vec()
}

#[test]
fn files_are_where_the_program_was_compiled_and_beside_it() {
    let main = r#"
use std::{env, fs, path::Path};
fn main() {
    let beside = env::current_exe().unwrap().with_file_name("words.txt");
    let compiled = Path::new(env!("CARGO_MANIFEST_DIR")).join("texts/words.txt");
    let read = |file| fs::read_to_string(file).unwrap();
    println!("{} {}", read(compiled), read(beside));
}
"#;
    let files = [
        MANIFEST,
        ("src/main.rs", main),
        ("texts/words.txt", "apple"),
    ];
    let project = Project::pasted(&files);
    add_to_images(&project, |_| {
        "COPY texts /app/texts\nCOPY texts/words.txt /usr/local/bin/".to_owned()
    });
    assert_eq!(prints_on_both(&project, &[], ""), ["apple apple"; 2]);
}

#[test]
fn a_time_zone_is_known_on_both_bases() {
    let main = r#"
use std::ffi::c_long;
unsafe extern "C" {
    fn tzset();
    static timezone: c_long;
}
fn main() {
    unsafe {
        tzset();
        println!("{}", timezone);
    }
}
"#;
    let project = Project::pasted(&[MANIFEST, ("src/main.rs", main)]);
    let arguments = [
        "FILES=/usr/share/zoneinfo/Europe/Berlin",
        "RUN_FLAGS=--env TZ=Europe/Berlin",
    ];
    assert_eq!(prints_on_both(&project, &arguments, ""), ["-3600"; 2]);
}
