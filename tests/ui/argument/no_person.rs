use handover::prelude::*;

#[on_app_roles]
async fn roles(sender: Sender) {
//~                    ^^^^^^
    drop(sender);
}

fn main() { let _: handover::Routes = handover::routes![roles]; }
