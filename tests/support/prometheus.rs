//! What Prometheus reads of a bot.

use std::collections::{BTreeMap, BTreeSet};

use handover_testkit::http;

use super::wait::until;

/// One answer to `GET /metrics`.
#[derive(Debug)]
pub(crate) struct Scrape {
    /// What each metric is: `counter`, `gauge` or `histogram`.
    pub(crate) types: BTreeMap<String, String>,
    samples: Vec<Sample>,
}

#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    value: f64,
}

impl Scrape {
    pub(crate) async fn of(operations: &str) -> Self {
        let answer = http::get(format!("{operations}/metrics")).await.unwrap();
        assert_eq!(answer.status(), 200);
        let content = answer.headers()["content-type"].to_str().unwrap();
        assert!(
            content.starts_with("text/plain; version=0.0.4"),
            "{content}"
        );
        Self::read(&answer.text().await.unwrap())
    }

    /// Waits until each of these has this value.
    pub(crate) async fn shows(operations: &str, expected: &[(&str, f64)]) -> Self {
        until(&format!("{expected:?}"), async || {
            let scrape = Self::of(operations).await;
            let found: Vec<_> = expected
                .iter()
                .map(|(series, _)| (*series, scrape.value(series).unwrap_or(f64::NAN)))
                .collect();
            match found == expected {
                true => Ok(scrape),
                false => Err(format!("{found:?}")),
            }
        })
        .await
    }

    fn read(text: &str) -> Self {
        let mut types = BTreeMap::new();
        let mut samples = Vec::new();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                let earlier = types.insert(name.to_owned(), kind.to_owned());
                assert_eq!(earlier, None, "{name} is there twice");
            } else if !line.starts_with('#') {
                let (series, value) = line.rsplit_once(' ').unwrap();
                let (name, labels) = parts(series);
                let value = value.parse().unwrap();
                samples.push(Sample {
                    name,
                    labels,
                    value,
                });
            }
        }
        Self { types, samples }
    }

    /// The value of a series, such as `handover_threads{owner="bot"}`.
    pub(crate) fn value(&self, series: &str) -> Option<f64> {
        let (name, labels) = parts(series);
        let mut samples = self.samples.iter();
        let found = samples.find(|sample| sample.name == name && sample.labels == labels);
        found.map(|sample| sample.value)
    }

    pub(crate) fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.samples.iter()
    }

    /// The labels of a metric.
    pub(crate) fn labels_of(&self, metric: &str) -> BTreeSet<&str> {
        let samples = self.samples.iter();
        let of = samples.filter(|sample| self.metric_of(&sample.name) == Some(metric));
        let labels = of.flat_map(|sample| sample.labels.keys());
        labels
            .map(String::as_str)
            .filter(|label| *label != "le")
            .collect()
    }

    /// The metric to which a sample of this name belongs, if there is one.
    pub(crate) fn metric_of<'a>(&self, sample: &'a str) -> Option<&'a str> {
        let mut names = ["", "_bucket", "_sum", "_count"].iter();
        names.find_map(|suffix| {
            let metric = sample.strip_suffix(suffix)?;
            let kind = self.types.get(metric)?;
            let is_part = !suffix.is_empty();
            ((kind == "histogram") == is_part).then_some(metric)
        })
    }
}

/// The name and the labels of a series.
pub(crate) fn parts(series: &str) -> (String, BTreeMap<String, String>) {
    let (name, labels) = series.split_once('{').unwrap_or((series, ""));
    let labels = labels.trim_end_matches('}').split(',');
    let labels = labels.filter_map(|pair| pair.split_once('='));
    let labels = labels.map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()));
    (name.to_owned(), labels.collect())
}
