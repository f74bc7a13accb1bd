use handover::prelude::*;

#[on_message]
async fn handler(notice: Notice) {
//~                      ^^^^^^
    drop(notice);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
