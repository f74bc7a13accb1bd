use handover::prelude::*;

#[on_app_roles]
async fn handler(argument: Text) {
//~                        ^^^^
    drop(argument);
}

fn main() {}
