// 2 errors: rustc checks the type and the value on their own.

use handover::prelude::*;

struct Shop;

fn routes() -> Routes {
    routes![Shop]
//~         ^^^^
}

fn main() {}
