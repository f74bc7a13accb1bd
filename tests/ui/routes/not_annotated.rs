use handover::prelude::*;

async fn plain() {}

fn routes() -> Routes {
    routes![plain]
//~         ^^^^^
}

fn main() {}
