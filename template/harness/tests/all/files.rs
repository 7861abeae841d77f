//! Files that the program reads when it runs.

use std::os::unix::fs::symlink;

use workshop::package::{Package, one};
use workshop::sh;

/// Prints the texts of the files that are its arguments.
fn reading() -> Package {
    let text = "std::fs::read_to_string(file).unwrap_or_else(|error| error.to_string())";
    one().main(&format!("for file in std::env::args().skip(1) {{ print!(\"{{}} \", {text}) }}"))
}

#[test]
fn folders_files_patterns_and_what_links_lead_to_are_where_the_program_starts() {
    let given = ["templates/parts/page", "settings.toml", "data/1.csv", "data/2.csv"];
    let others = ["data/notes", "shared/v2/page", "shared/2.toml"];
    let files = given.iter().chain(&others);
    let project = files.fold(reading(), |package, file| package.file(file, file)).paste();
    let links = [("shared/v2", "pages"), ("shared/2.toml", "2.toml"), ("page", "pages/index")];
    for (file, link) in links {
        symlink(file, project.path.join(link)).unwrap();
    }
    let files = "'FILES=templates settings.toml data/*.csv pages 2.toml'";
    let given = given.join(" ");
    let arguments = format!("/{given} {given} data/notes pages/page pages/index 2.toml");
    let missing = "No such file or directory (os error 2)";
    let linked = "shared/v2/page shared/v2/page shared/2.toml";
    for base in ["alpine", "scratch"] {
        let ran = project.run(&format!("BASE={base} {files} 'ARGS={arguments}'"));
        ran.prints(&format!("{given} {given} {missing} {linked} "));
    }
}

#[test]
fn modes_of_the_checkout_change_nothing_and_files_keep_their_times() {
    let project = reading().file("static/index.html", "<p>").paste();
    // Unique, so that BuildKit, which compares no times, does not take another build's layer.
    project.write("static/css/site.css", &project.image);
    project.age(1_000_000_000);
    let texts = format!("{} <p> ", project.image);
    for (base, app) in [("scratch", ""), ("alpine", "app")] {
        // The modes that git gives files and folders with the umasks 077, 022 and 002.
        let images = ["u=rwX,go=", "u=rwX,go=rX", "ug=rwX,o=rX"].map(|modes| {
            sh!(project, "chmod -R {modes} .").succeeds();
            let flags = "BUILD_FLAGS=--provenance=false";
            project.build(&format!("BASE={base} FILES=static {flags}")).succeeds();
            let files = "static/css/site.css static/index.html";
            project.container("--user=1000", &format!("{app} {files}")).prints(&texts);
            project.inspect()["Id"].take()
        });
        assert!(images.iter().all(|image| *image == images[0]), "{images:?}");
    }
    // Browsers ask whether a file has changed since the time that it had.
    project.container("", "stat -c %Y static/css/site.css").prints("1000000000");
}

#[test]
fn a_name_that_is_not_there_ends_the_build() {
    let project = reading().file("templates/page.html", "<p>").paste();
    let reason = "'static': No such file or directory";
    project.build("'FILES=templates static'").fails(reason);
    // The file is there, but not in the build context.
    project.write("target/site/index.html", "<p>");
    let reason = "error: FILES=\"target/site\" is not all there: is a name misspelled, or \
        excluded by .dockerignore?";
    project.build("FILES=target/site").fails(reason);
}
