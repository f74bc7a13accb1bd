//! Graph clients of the stub.

use handover_runtime::graph::{Graph, GraphSettings};
use handover_testkit::graph::GraphStub;
use url::Url;

pub(crate) const PAGE: &str = "1744550565845823";
pub(crate) const PERSON: &str = "1254477777772919";
pub(crate) const TOKEN: &str = "EAAB-token-of-the-page";

/// A client that calls this stub.
pub(crate) trait Client {
    fn address(&self) -> Url;

    fn settings(&self) -> GraphSettings {
        GraphSettings::new(PAGE, TOKEN).base_url(self.address())
    }

    fn graph(&self) -> Graph {
        Graph::new(self.settings()).unwrap()
    }
}

impl Client for GraphStub {
    fn address(&self) -> Url {
        self.url().parse().unwrap()
    }
}
