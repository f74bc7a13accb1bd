use handover::prelude::*;
use std::sync::Arc;

trait Model: 'static {}

#[on_message]
async fn ask(model: State<Arc<dyn Model>>) {
//~                 ^^^^^^^^^^^^^^^^^^^^^
    drop(model);
}

fn main() { let _: handover::Routes = handover::routes![ask]; }
