mod bot {
    use handover::prelude::*;

    #[on_message]
    #[handoff(to = "page_inbox")]
    #[handoff(to = "default_app")]
//~   ^^^^^^^
    async fn to_agent() {}
}

fn main() {}
