//! A language model answers, uses tools, and hands over to a person; it goes on with what that person
//! said.
//!
//! ```text
//! Ana: Are you open on Sunday?
//! bot: Yes, from 10 to 14.
//! Ana: My hat came without its feather
//! Ana: and I want my money back
//! bot: I am fetching a colleague.
//! (Both messages were one question. Ben finds the thread in the Page Inbox, with the model's summary.)
//! Ben: Sorry! You will have it back by Friday.
//! Ana: Thank you
//! (He presses "Done". Nobody has answered Ana.)
//! bot: You are welcome! Your refund arrives by Friday.
//! ```
//!
//! Any server with the chat-completions API will do. This one is on your machine:
//!
//! ```sh
//! OPENAI_BASE_URL=http://localhost:11434/v1 OPENAI_MODEL=qwen3 cargo run --example language_model
//! ```
//!
//! `handover new my-bot --template language-model` makes a project of it.

#![allow(
    unreachable_pub,
    reason = "the template with the same files is a library"
)]

mod bot;
mod model;
mod tools;

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot::bot(model::Model::from_env()?)).await
}
