use handover::prelude::*;

fn routes() -> Routes {
    routes!["greet"]
//~         ^^^^^^^
}

fn main() {}
