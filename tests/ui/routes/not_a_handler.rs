
use handover::prelude::*;

struct Shop;

fn routes() -> Routes {
    routes![Shop]
//~         ^^^^
}

fn main() {}
