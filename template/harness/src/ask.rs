//! Asks servers, which need a moment until they listen.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Asks for at most 10 seconds, because a service needs a moment to listen. Returns the last error.
pub fn until_it_succeeds(ask: impl Fn() -> Result<String, String>) -> Result<String, String> {
    let begin = Instant::now();
    loop {
        let answer = ask();
        if answer.is_ok() || begin.elapsed() > Duration::from_secs(10) {
            return answer;
        }
        sleep(Duration::from_millis(100));
    }
}

/// The answer to a GET request, of any status, or why there is none.
pub fn get(url: &str) -> Result<String, String> {
    // No proxy, because a proxy does not know the container.
    let request = ureq::get(url)
        .config()
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(5)))
        .build();
    let answer = request.call().and_then(|mut answer| answer.body_mut().read_to_string());
    answer.map_err(|error| error.to_string())
}
