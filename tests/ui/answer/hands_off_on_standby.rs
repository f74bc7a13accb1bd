use handover::prelude::*;

#[on_standby]
async fn overheard() -> Handoff {
//~                     ^^^^^^^
    Handoff::silently()
}

fn main() { let _: handover::Routes = handover::routes![overheard]; }
