use handover::prelude::*;

#[on_standby]
async fn overheard() -> &'static str {
//~                     ^^^^^^^^^^^^
    "me too"
}

fn main() { let _: handover::Routes = handover::routes![overheard]; }
