use handover::prelude::*;

#[fallback]
async fn lost() {}

#[fallback]
async fn sorry() {}

fn routes() -> Routes {
    routes![lost, sorry]
//~               ^^^^^
}

fn main() {}
