mod bot {
    use handover::prelude::*;

    #[on_standby]
    #[handoff]
//~   ^^^^^^^
    async fn handler() {}
}

fn main() {}
