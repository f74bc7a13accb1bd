use handover::prelude::*;

#[on_standby]
async fn overheard() -> Handoff {
//~                     ^^^^^^^
    Handoff::silently()
}

fn main() {}
