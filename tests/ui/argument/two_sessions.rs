use handover::prelude::*;

#[on_message]
async fn count(questions: Session<u32>, _: Text, names: Session<Vec<String>>) {
//~                                                     ^^^^^^^^^^^^^^^^^^^^
    drop((questions, names));
}

fn main() { let _: handover::Routes = handover::routes![count]; }
