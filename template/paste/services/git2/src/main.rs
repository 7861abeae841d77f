//! Shows the newest commit of a repository, which it makes. git2 links OpenSSL for https and ssh.

use anyhow::Context;
use git2::{Repository, Signature};
use rouille::{Response, Server};
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

fn newest() -> anyhow::Result<String> {
    let repository = Repository::init_bare("/data/forge.git")?;
    if repository.is_empty()? {
        let author = Signature::now("forge", "forge@localhost")?;
        let tree = repository.find_tree(repository.treebuilder(None)?.write()?)?;
        repository.commit(Some("HEAD"), &author, &author, "Begin", &tree, &[])?;
    }
    let commit = repository.head()?.peel_to_commit()?;
    let message = commit.message().context("the message is not UTF-8")?;
    let https = git2::Version::get().https();
    Ok(format!("{message}, https: {https}\n"))
}

fn main() -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGTERM])?;
    let server = Server::new("0.0.0.0:8080", |_| match newest() {
        Ok(text) => Response::text(text),
        Err(error) => Response::text(format!("{error:#}")).with_status_code(500),
    });
    let server = server.map_err(|error| anyhow::anyhow!(error))?;
    let (_running, stop) = server.stoppable();
    signals.forever().next();
    stop.send(())?;
    Ok(())
}
