mod bot {
    use handover::prelude::*;

    #[on_message]
    #[on_message]
//~   ^^^^^^^^^^
    async fn greet() {}
}

fn main() {}
