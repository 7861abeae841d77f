//! What a service needs when it runs, by the lines that the Dockerfile shows at its end.

use serde_json::json;
use workshop::ask::until_it_succeeds;
use workshop::container::Container;
use workshop::package::one;
use workshop::{Project, read, sh};

/// With `serve`, counts a start in /data and goes on. Otherwise prints its arguments, a variable,
/// three files and its distance from UTC.
const MAIN: &str = r#"
use std::{env, ffi::c_long, fs, io::Write, path::Path, thread};
unsafe extern "C" {
    fn tzset();
    static timezone: c_long;
}
let starts = "/data/starts";
let arguments = env::args().skip(1).collect::<Vec<_>>().join(" ");
match arguments.as_str() {
    "serve" => {
        let mut file = fs::File::options().append(true).create(true).open(starts).unwrap();
        writeln!(file, "started").unwrap();
        println!("start {}", fs::read_to_string(starts).unwrap().lines().count());
        thread::park();
    }
    "healthcheck" => assert!(fs::exists(starts).unwrap()),
    _ => {
        let compiled = Path::new(env!("CARGO_MANIFEST_DIR")).join("texts/words.txt");
        let beside = env::current_exe().unwrap().with_file_name("words.txt");
        let files = [compiled, beside, "/etc/app/config.toml".into()];
        let files = files.map(|file| fs::read_to_string(file).unwrap());
        unsafe { tzset() };
        println!("{arguments} {} {files:?} {}", env::var("LISTEN").unwrap(), unsafe { timezone });
    }
}
"#;

/// The bases, and what a command for a container of an image on each begins with.
const BASES: [(&str, &str); 2] = [("BASE=alpine", "app "), ("BASE=scratch", "")];
const HARDENED: &str = "--read-only --cap-drop=ALL";

/// The examples in the comment above the last stages of the Dockerfile, but the packages of Alpine,
/// for which no repository can be reached.
fn examples() -> String {
    let dockerfile = read("Dockerfile");
    let (_, comment) = dockerfile.split_once("# ---- the images").unwrap();
    let (comment, _) = comment.split_once("\nFROM ").unwrap();
    let lines = comment.lines().filter_map(|line| line.strip_prefix("#   "));
    let lines: Vec<_> = lines.filter(|line| !line.contains("apk add")).collect();
    assert!(lines.len() >= 6, "{lines:?}");
    lines.join("\n").replace("--interval=10s", "--interval=1s")
}

/// A service with the examples, two more files, and the default argument that both stages show.
fn service() -> Project {
    let one = one().main(MAIN).file("config.toml", "level = 3");
    let project = one.file("texts/words.txt", "apple").paste();
    project.add_to_images(&examples());
    project.add_to_images("COPY texts /app/texts\nCOPY texts/words.txt /usr/local/bin/");
    let scratch = "# For default arguments, add a line like this one: ";
    project.edit("Dockerfile", scratch, "");
    let alpine = "# CMD [\"app\", \"serve\"]\nCMD [\"app\"]";
    project.edit("Dockerfile", alpine, "CMD [\"app\", \"serve\"]");
    project
}

fn becomes(expected: &str, now: impl Fn() -> String) {
    let asked = || Some(now()).filter(|now| now == expected);
    until_it_succeeds(|| asked().ok_or_else(&now)).expect(expected);
}

#[test]
fn a_service_gets_the_settings_files_arguments_and_time_zone_of_its_image_and_turns_healthy() {
    let project = service();
    for (base, app) in BASES {
        project.build(&format!("{base} FILES=/usr/share/zoneinfo/Europe/Berlin")).succeeds();
        let config = project.inspect()["Config"].take();
        assert!(config["Env"].as_array().unwrap().contains(&json!("LISTEN=0.0.0.0:8080")));
        assert_eq!(config["ExposedPorts"], json!({ "8080/tcp": {} }));
        assert_eq!(config["Volumes"], json!({ "/data": {} }));
        assert_eq!(config["StopSignal"], "SIGINT");
        assert_eq!(config["User"], "1000:1000");
        let other = project.container("--env TZ=Europe/Berlin", &format!("{app}two words"));
        other.prints(r#"two words 0.0.0.0:8080 ["apple", "apple", "level = 3"] -3600"#);
        let container = Container::start(HARDENED, &project.image, "");
        becomes("healthy", || container.health());
        container.logs().prints("start 1");
    }
}

#[test]
fn a_new_named_volume_can_be_written_without_an_edit_and_by_another_user() {
    let project = one().main(MAIN).paste();
    let volume = project.image.replace('/', "-");
    let options = format!("{HARDENED} --volume={volume}:/data");
    let is_written_by = |user: &str| {
        for (base, app) in BASES {
            project.build(base).succeeds();
            assert_eq!(project.inspect()["Config"]["User"], user);
            for printed in ["start 1\n", "start 2\n"] {
                let container = Container::start(&options, &project.image, &format!("{app}serve"));
                becomes(printed, || container.logs().stdout);
            }
            sh!("/", "docker volume rm {volume}").succeeds();
        }
    };
    is_written_by("1000:1000");
    project.edit("Dockerfile", "--chown=1000:1000", "--chown=65532:65532");
    project.edit("Dockerfile", "USER 1000:1000", "USER 65532:65532");
    is_written_by("65532:65532");
}
