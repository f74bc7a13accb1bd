// 2 errors: the function is given back as it is, and rustc misses its body as well.

mod bot {
    use handover::prelude::*;

    #[on_message]
    async fn greet() -> &'static str;
//~ ^^^^^
}

fn main() {}
