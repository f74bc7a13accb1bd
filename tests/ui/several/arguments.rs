use handover::prelude::*;

#[on_account_linking]
async fn account_linking(argument: Attachments) {
//~                                ^^^^^^^^^^^
    drop(argument);
}

#[on_app_roles]
async fn app_roles(argument: Text) {
//~                          ^^^^
    drop(argument);
}

#[on_delivery]
async fn delivery(argument: Attachments) {
//~                         ^^^^^^^^^^^
    drop(argument);
}

#[on_echo]
async fn echo(argument: Payload) {
//~                     ^^^^^^^
    drop(argument);
}

#[on_error]
async fn error(argument: Captures) {
//~                      ^^^^^^^^
    drop(argument);
}

#[on_event]
async fn event(argument: Text) {
//~                      ^^^^
    drop(argument);
}

#[on_feedback]
async fn feedback(argument: Payload<u8>) {
//~                         ^^^^^^^^^^^
    drop(argument);
}

#[on_handoff_failed]
async fn handoff_failed(argument: Payload) {
//~                               ^^^^^^^
    drop(argument);
}

#[on_message]
async fn message(argument: Metadata<String>) {
//~                        ^^^^^^^^^^^^^^^^
    drop(argument);
}

#[on_message_edit]
async fn message_edit(argument: Captures) {
//~                             ^^^^^^^^
    drop(argument);
}

#[on_optin]
async fn optin(argument: Text) {
//~                      ^^^^
    drop(argument);
}

#[on_pass_thread_control]
async fn pass_thread_control(argument: Text) {
//~                                    ^^^^
    drop(argument);
}

#[on_policy_enforcement]
async fn policy_enforcement(argument: Session<u32>) {
//~                                   ^^^^^^^^^^^^
    drop(argument);
}

#[on_reaction]
async fn reaction(argument: Text) {
//~                         ^^^^
    drop(argument);
}

#[on_read]
async fn read(argument: Text) {
//~                     ^^^^
    drop(argument);
}

#[on_referral]
async fn referral(argument: Payload) {
//~                         ^^^^^^^
    drop(argument);
}

#[on_request_thread_control]
async fn request_thread_control(argument: NewOwner) {
//~                                       ^^^^^^^^
    drop(argument);
}

#[on_standby]
async fn standby(argument: Captures) {
//~                        ^^^^^^^^
    drop(argument);
}

#[on_take_thread_control]
async fn take_thread_control(argument: RequestingApp) {
//~                                    ^^^^^^^^^^^^^
    drop(argument);
}

#[on_timer]
async fn timer(argument: Text) {
//~                      ^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![account_linking, app_roles, delivery, echo, error, event, feedback, handoff_failed, message, message_edit, optin, pass_thread_control, policy_enforcement, reaction, read, referral, request_thread_control, standby, take_thread_control, timer]; }
