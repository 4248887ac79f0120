//! Tellers broken on purpose, each in one way.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use mockbank_bank::command::{BatchMode, Command, ManualTarget, TransferOrder};
use mockbank_bank::{AccountId, Currency};
use mockbank_store::{
    Act, Answer, Audit, JobEntry, RenderJob, Reply, Request, Result, Store, StoreError, Teller,
    Verdict,
};

use super::answer;

/// What is wrong with a teller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Carries every repetition out.
    ForgetsKeys,
    /// Says of a repetition that it is one, and carries it out all the same.
    AppliesDuplicates,
    /// Hides that an answer was given before.
    HidesReplays,
    /// Takes a key for whatever request it comes with.
    IgnoresFingerprints,
    /// Takes everybody's keys for the same client's.
    MixesOwners,
    /// Keeps keys for ever.
    NeverForgetsKeys,
    /// Answers a refused request from memory when it is tried again.
    KeepsRefusals,
    /// Answers when the command is judged, whatever becomes of the commit.
    AnswersBeforeCommit,
    /// Carries all but a few of the commands of a group out, and answers those like another one.
    LosesCommands,
    /// Lets accounts go below zero.
    AllowsOverdraft,
    /// Keeps what came before the refusal of an atomic batch.
    KeepsHalfBatches,
    /// Moves a hold's money as often as it is asked to.
    PostsHoldsTwice,
    /// Says that a hold is given up, and keeps the money aside.
    KeepsVoidedHolds,
    /// Opens every account in the world's currency.
    ForgetsCurrencies,
    /// Books by hand whatever an account is kept in.
    BooksForeignMoney,
    /// Writes refused commands into the audit log that nobody asked to have there.
    TracesRefusals,
    /// Audits nothing.
    ForgetsAudit,
    /// Lets no time pass.
    StopsTheClock,
    /// Answers as if all was well when the disk fails.
    SwallowsFailures,
    /// Keeps nothing of how far a job is.
    ForgetsProgress,
    /// Takes the end of a job for some more of its progress.
    NeverEndsJobs,
    /// Keeps jobs that did not begin.
    KeepsJobsThatDidNothing,
}

impl Fault {
    pub(crate) const ALL: [Self; 22] = [
        Self::ForgetsKeys,
        Self::AppliesDuplicates,
        Self::HidesReplays,
        Self::IgnoresFingerprints,
        Self::MixesOwners,
        Self::NeverForgetsKeys,
        Self::KeepsRefusals,
        Self::AnswersBeforeCommit,
        Self::LosesCommands,
        Self::AllowsOverdraft,
        Self::KeepsHalfBatches,
        Self::PostsHoldsTwice,
        Self::KeepsVoidedHolds,
        Self::ForgetsCurrencies,
        Self::BooksForeignMoney,
        Self::TracesRefusals,
        Self::ForgetsAudit,
        Self::StopsTheClock,
        Self::SwallowsFailures,
        Self::ForgetsProgress,
        Self::NeverEndsJobs,
        Self::KeepsJobsThatDidNothing,
    ];
}

/// One of so many commands that are under way at once is lost.
const LOST: usize = 5;

/// A teller with a fault. Where the fault is in the rules, `teller` was opened with it.
pub(crate) struct Broken {
    teller: Arc<dyn Teller>,
    store: Arc<dyn Store>,
    fault: Fault,
    under_way: AtomicUsize,
    last: Mutex<Option<Answer>>,
    /// Answers by owner and key.
    kept: Mutex<HashMap<(String, String), Answer>>,
}

impl Broken {
    pub(crate) fn new(teller: Arc<dyn Teller>, store: Arc<dyn Store>, fault: Fault) -> Self {
        let (under_way, last, kept) = Default::default();
        Self { teller, store, fault, under_way, last, kept }
    }

    /// The request with its fault.
    fn spoil(&self, mut request: Request) -> Request {
        match (self.fault, &mut request.idempotency) {
            (Fault::ForgetsKeys, key) => *key = None,
            (Fault::MixesOwners, Some(key)) => "everybody".clone_into(&mut key.owner),
            (Fault::NeverForgetsKeys, Some(key)) => key.received_at = 0,
            (Fault::IgnoresFingerprints, Some(key)) => key.fingerprint = [0; 32],
            (Fault::ForgetsAudit, _) => request.audit = None,
            (Fault::KeepsHalfBatches, _) => {
                if let Command::Batch { mode, .. } = &mut request.command {
                    *mode = BatchMode::Independent;
                }
            }
            (Fault::ForgetsCurrencies, _) => {
                if let Command::OpenAccount { currency, .. } = &mut request.command {
                    *currency = Currency::USD;
                }
            }
            _ => {}
        }
        request
    }

    /// Carries out what the fault does beside, or in place of, the command itself.
    async fn meddle(&self, command: &Command, mut done: Answer) -> Result<Answer> {
        let refused = done.reply.status == 409;
        match (self.fault, command) {
            (Fault::AppliesDuplicates, _) if done.replayed => {
                self.teller.execute(plain(command.clone())).await?;
            }
            (Fault::HidesReplays, _) => done.replayed = false,
            (Fault::PostsHoldsTwice, Command::PostHold { hold, .. }) if refused => {
                if let Some(hold) = self.store.hold(*hold).await? {
                    let (from, to, amount) = (hold.from, hold.to, hold.amount);
                    let order = TransferOrder { from, to, amount, description: None };
                    return self.teller.execute(plain(Command::Transfer(order))).await;
                }
            }
            (Fault::BooksForeignMoney, Command::Manual { amount, .. }) if refused => {
                // The bank's side moves by as much, wherever the customer's is.
                let target = ManualTarget::Account(AccountId::new(1));
                let (amount, description) = (*amount, None);
                let booked = plain(Command::Manual { target, amount, description });
                return self.teller.execute(booked).await;
            }
            (Fault::TracesRefusals, _) if refused => {
                let audit = Audit { actor: "nobody".to_owned(), received_at: 0 };
                self.teller.record(audit, command.to_string()).await?;
            }
            _ => {}
        }
        Ok(done)
    }

    /// Answers when the command is judged.
    async fn answer_early(&self, mut request: Request) -> Result<Answer> {
        let judged = Arc::new(Mutex::new(None));
        let (render, early) = (request.render, Arc::clone(&judged));
        request.render = Box::new(move |verdict: &Verdict, now| {
            let reply = render(verdict, now);
            *early.lock().unwrap() = Some(reply.clone());
            reply
        });
        let done = self.teller.execute(request).await;
        let judged = judged.lock().unwrap().take();
        match judged {
            // The client has its answer already.
            Some(reply) if done.is_err() => Ok(Answer { reply, replayed: false }),
            _ => done,
        }
    }
}

fn plain(command: Command) -> Request {
    Request { command, idempotency: None, audit: None, render: Box::new(answer) }
}

#[async_trait]
impl Teller for Broken {
    async fn execute(&self, request: Request) -> Result<Answer> {
        let command = request.command.clone();
        let name = request.idempotency.clone().map(|key| (key.owner, key.key));
        if self.fault == Fault::KeepsRefusals
            && let Some(name) = &name
            && let Some(kept) = self.kept.lock().unwrap().get(name)
        {
            return Ok(kept.clone());
        }
        if self.fault == Fault::LosesCommands
            && self.under_way.load(Ordering::Relaxed) % LOST == LOST - 1
            && let Some(last) = self.last.lock().unwrap().clone()
        {
            return Ok(last);
        }
        if let (Fault::KeepsVoidedHolds, Command::VoidHold { hold }) = (self.fault, &command)
            && self.store.hold(*hold).await?.is_some()
        {
            return Ok(Answer { reply: Reply { status: 201, body: Vec::new() }, replayed: false });
        }
        if self.fault == Fault::AnswersBeforeCommit {
            return self.answer_early(request).await;
        }
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let done = self.teller.execute(self.spoil(request)).await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        let done = match (done, self.fault) {
            (Err(StoreError::Database(_)), Fault::SwallowsFailures) => {
                let reply = Reply { status: 201, body: Vec::new() };
                return Ok(Answer { reply, replayed: false });
            }
            (done, _) => self.meddle(&command, done?).await?,
        };
        if let (409, Some(name)) = (done.reply.status, name) {
            self.kept.lock().unwrap().insert(name, done.clone());
        }
        *self.last.lock().unwrap() = Some(done.clone());
        Ok(done)
    }

    async fn record(&self, audit: Audit, act: String) -> Result<()> {
        self.teller.record(audit, act).await
    }

    async fn with_writer(&self, act: Act) -> Result<()> {
        if self.fault == Fault::StopsTheClock {
            return Ok(());
        }
        self.teller.with_writer(act).await
    }

    async fn begin_job(&self, body: RenderJob) -> Result<Box<dyn JobEntry>> {
        let entry = self.teller.begin_job(body).await?;
        Ok(Box::new(BrokenJob { entry, fault: self.fault }))
    }
}

/// A job of a broken teller.
struct BrokenJob {
    entry: Box<dyn JobEntry>,
    fault: Fault,
}

#[async_trait]
impl JobEntry for BrokenJob {
    fn number(&self) -> i64 {
        self.entry.number()
    }

    async fn keep(&self, body: Vec<u8>, ended: bool) -> Result<()> {
        match self.fault {
            Fault::ForgetsProgress => Ok(()),
            Fault::NeverEndsJobs => self.entry.keep(body, false).await,
            _ => self.entry.keep(body, ended).await,
        }
    }

    async fn remove(&self) -> Result<()> {
        if self.fault == Fault::KeepsJobsThatDidNothing {
            return Ok(());
        }
        self.entry.remove().await
    }
}
