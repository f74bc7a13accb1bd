//! Without the feature `metrics`.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::journal::Journal;
use crate::metrics::Registry;
use crate::outbox::AccountPauses;

/// Nothing is counted.
pub(crate) struct Scraper;

impl Scraper {
    pub(crate) fn new(
        _: Registry,
        _: Journal,
        _: AccountPauses,
        _: Clock,
        _: Arc<Accounts>,
    ) -> Self {
        Self
    }
}

/// Nothing is sampled.
pub(crate) struct Samples;

impl Samples {
    pub(crate) fn new(_: Registry, _: Journal) -> Self {
        Self
    }

    pub(crate) async fn follow(&self) {
        std::future::pending::<()>().await;
    }

    pub(crate) fn series(&self) -> Option<()> {
        None
    }
}

/// Says why there are no metrics.
pub(super) async fn scrape() -> (StatusCode, &'static str) {
    (
        StatusCode::NOT_IMPLEMENTED,
        "this bot was built without the feature `metrics` of handover\n",
    )
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use crate::journal::Journal;
    use crate::{Bot, Config, Routes};

    #[tokio::test]
    async fn switched_off_metrics_are_refused_and_the_rest_works() {
        let config = Config::new("1", "5")
            .access_token("token")
            .app_secret("secret")
            .verify_token("word");
        let journal = Journal::in_memory(crate::clock::Clock::default());
        let bot = Bot::new(Routes::default()).journal(journal).config(config);
        let (_, handle) = bot.into_parts().unwrap();
        let ask = |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            handle.operations().oneshot(request)
        };
        let answer = ask("/metrics").await.unwrap();
        assert_eq!(answer.status().as_u16(), 501);
        let text = to_bytes(answer.into_body(), 1000).await.unwrap();
        assert!(String::from_utf8_lossy(&text).contains("feature `metrics`"));
        assert_eq!(ask("/livez").await.unwrap().status().as_u16(), 200);
    }
}
