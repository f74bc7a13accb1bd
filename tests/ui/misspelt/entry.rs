// 2 errors: rustc looks the name up as a type and as a value, and says so for each.

use handover::prelude::*;

#[on_message]
async fn greet() {}

fn routes() -> Routes {
    routes![greet, gret]
//~                ^^^^
}

fn main() {}
