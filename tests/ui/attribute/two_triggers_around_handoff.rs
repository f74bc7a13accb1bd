mod bot {
    use handover::prelude::*;

    #[on_message]
    #[handoff(to = "page_inbox")]
    #[fallback]
//~   ^^^^^^^^
    async fn lost() {}
}

fn main() {}
