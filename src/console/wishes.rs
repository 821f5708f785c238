//! Answers what a screen wishes for last, so that the screen itself never waits.

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

/// Answers one wish after the other; who wishes for something else meanwhile does not wait for the answer before. Ends
/// when it is to stop or nobody takes the answers any more. Must be called where tasks can be started.
pub(super) fn answers<Wish, Answer, Answering>(
    stop: CancellationToken,
    mut wishes: watch::Receiver<Wish>,
    answer: impl Fn(Wish) -> Option<Answering> + Send + Sync + 'static,
) -> mpsc::Receiver<Answer>
where
    Wish: Clone + Send + Sync + 'static,
    Answer: Send + 'static,
    Answering: Future<Output = Answer> + Send,
{
    let (sender, answers) = mpsc::channel(1);
    tokio::spawn(async move {
        let serve = async {
            while wishes.changed().await.is_ok() {
                let wish = wishes.borrow_and_update().clone();
                let Some(answering) = answer(wish) else { continue };
                let found = tokio::select! {
                    found = answering => found,
                    _ = wishes.changed() => { wishes.mark_changed(); continue }
                };
                if sender.send(found).await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = sender.closed() => {}
            () = serve => {}
        }
    });
    answers
}
