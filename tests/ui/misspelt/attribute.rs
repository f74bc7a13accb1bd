mod bot {
    use handover::prelude::*;

    #[on_mesage]
//~   ^^^^^^^^^
    async fn greet() {}
}

fn main() {}
