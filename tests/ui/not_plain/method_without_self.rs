// 2 errors: nothing tells an attribute that it stands in an `impl`, and rustc refuses each of the two
// items of the companion.

use handover::prelude::*;

struct Shop;

impl Shop {
    #[on_message]
    async fn greet() {}
//~          ^^^^^
}

fn main() {}
