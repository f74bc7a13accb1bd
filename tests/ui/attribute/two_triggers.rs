mod bot {
    use handover::prelude::*;

    #[on_message(text = "hi")]
    #[on_postback(payload = "HI")]
//~   ^^^^^^^^^^^
    async fn greet() {}
}

fn main() {}
