//! A real Chromium without a window, driven through chromedriver.

use std::env;
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::Method;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use reqwest::Url;
use serde_json::{Value, json};

use super::program::Program;

/// What people look at on a laptop.
const WIDTH: u32 = 1440;
const HEIGHT: u32 = 900;

/// Plays in a browser, and closes it whatever happens. Ends with a picture in `target/browser`, and
/// fails if the page reported an error.
pub(crate) async fn play<F>(name: &'static str, scene: impl FnOnce(Client) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let profile = Profile::new(name);
    let mut driver = start_driver();
    let port = driver.wait_for("its port", |line| {
        let rest = line.split_once("started successfully on port ")?.1;
        rest.trim_end_matches('.').parse::<u16>().ok()
    });
    let client = connect(port, &profile).await;

    // In a task of its own, so that a failing scene still leaves a browser that can be closed.
    let played = tokio::spawn(scene(client.clone())).await;
    let picture = take_picture(&client, name).await;
    let errors = console_errors(&client).await;
    let closed = client.close().await;
    if let Err(failure) = played {
        eprintln!("console errors: {errors:#?}\nthe page at the end: {picture:?}");
        resume_unwind(failure.into_panic());
    }
    assert!(errors.is_ok_and(|errors| errors.is_empty()), "{errors:#?}");
    picture.expect("the picture is taken");
    closed.expect("the browser closes");
}
