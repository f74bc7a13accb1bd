//! `handover operations`: the address of the operations page.

use axum::Router;
use axum::routing::get;
use handover_runtime::operations_token;

use crate::support::{Answer, Folder, handover, serve};

const SECRET: &str = "the app secret";

/// The operations port of a bot that runs.
pub(crate) async fn bot() -> String {
    let router = Router::new().route("/livez", get(async || "alive"));
    serve(router).await.to_string()
}

async fn operations(address: &str, arguments: &[&str]) -> Answer {
    let folder = Folder::new("operations");
    let all = [&["operations"], arguments].concat();
    let asked = handover(&all).within(folder.path());
    let asked = asked.env("MESSENGER_APP_SECRET", SECRET);
    asked.env("HANDOVER_OPERATIONS", address).run().await
}

#[tokio::test]
async fn the_address_has_the_token_where_browsers_do_not_send_it() {
    let address = bot().await;
    let token = operations_token(SECRET);
    let printed = operations(&address, &[]).await;
    assert_eq!(printed.good(), format!("http://{address}/#token={token}\n"));
    let json = operations(&address, &["--json"]).await;
    let json: serde_json::Value = serde_json::from_str(json.good().trim()).unwrap();
    assert_eq!(json["url"], format!("http://{address}/"));
    assert_eq!(json["token"], token);
    let port = address.rsplit(':').next().unwrap();
    let everywhere = operations(&format!("0.0.0.0:{port}"), &[]).await;
    assert_eq!(everywhere.good(), printed.stdout);
}

#[tokio::test]
async fn without_a_bot_there_is_no_page() {
    let nobody = operations("127.0.0.1:9", &[]).await;
    assert!(
        nobody.fault().contains("no bot answers"),
        "{}",
        nobody.stderr
    );
    let off = operations("off", &[]).await;
    assert_eq!(off.code, Some(2), "{}", off.stderr);
}
