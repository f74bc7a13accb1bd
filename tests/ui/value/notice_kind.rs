use handover::prelude::*;

#[on_handoff(kind = NoticeKind::Returned)]
//~                 ^^^^^^^^^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
