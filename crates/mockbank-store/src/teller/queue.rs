//! The line before the counter: bounded, and drained by whole groups.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::{Result, StoreError};

/// After how many seconds a client that was turned away may come back: the longest line is served
/// in less.
const RETRY_AFTER: u64 = 1;

/// What the writer does next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Work<C, X> {
    /// Carries these commands out and commits once.
    Group(Vec<C>),
    /// Does something that no command may come into.
    Exclusive(X),
}

/// Commands `C` and exclusive pieces of work `X` that wait for the writer.
///
/// Commands have a weight, which bounds the line. Exclusive work takes turns with groups of
/// commands, so that neither holds the other up for longer than one turn.
#[derive(Debug)]
pub(crate) struct Queue<C, X> {
    line: Mutex<Line<C, X>>,
    changed: Condvar,
    /// Weight of the commands that may wait.
    capacity: usize,
    /// Weight of the commands in a group.
    group: usize,
}

#[derive(Debug)]
struct Line<C, X> {
    commands: VecDeque<(C, usize)>,
    weight: usize,
    exclusive: VecDeque<X>,
    /// Whether the last turn was an exclusive one.
    was_exclusive: bool,
    /// Whether the writer sleeps until something changes. To wake one that is awake costs a system
    /// call for each command.
    asleep: bool,
    /// Commands for which the writer sleeps on, where it sleeps for many.
    expected: usize,
    closed: bool,
}

impl<C, X> Queue<C, X> {
    pub(crate) fn new(capacity: usize, group: usize) -> Self {
        let line = Line {
            commands: VecDeque::new(),
            weight: 0,
            exclusive: VecDeque::new(),
            was_exclusive: false,
            asleep: false,
            expected: 0,
            closed: false,
        };
        Self { line: Mutex::new(line), changed: Condvar::new(), capacity, group }
    }

    /// Lets a command wait, or turns it away: a line that is not empty takes no more than its
    /// capacity.
    pub(crate) fn push(&self, command: C, weight: usize) -> Result<()> {
        let mut line = self.line();
        line.check_open()?;
        if !line.commands.is_empty() && line.weight.saturating_add(weight) > self.capacity {
            return Err(StoreError::Overloaded { retry_after: RETRY_AFTER });
        }
        line.commands.push_back((command, weight));
        line.weight += weight;
        if line.commands.len() >= line.expected {
            self.wake(line);
        }
        Ok(())
    }

    /// Lets an exclusive piece of work wait.
    pub(crate) fn push_exclusive(&self, work: X) -> Result<()> {
        let mut line = self.line();
        line.check_open()?;
        line.exclusive.push_back(work);
        self.wake(line);
        Ok(())
    }

    fn wake(&self, mut line: MutexGuard<'_, Line<C, X>>) {
        let asleep = std::mem::take(&mut line.asleep);
        drop(line);
        if asleep {
            self.changed.notify_one();
        }
    }

    /// Waits for work. `None` when the line is closed and empty.
    pub(crate) fn next(&self) -> Option<Work<C, X>> {
        let mut line = self.line();
        loop {
            let turn = !line.was_exclusive || line.commands.is_empty();
            if let Some(work) = turn.then(|| line.exclusive.pop_front()).flatten() {
                line.was_exclusive = true;
                return Some(Work::Exclusive(work));
            }
            if !line.commands.is_empty() {
                line.was_exclusive = false;
                return Some(Work::Group(line.take_group(self.group)));
            }
            if line.closed {
                return None;
            }
            line.asleep = true;
            line = self.changed.wait(line).unwrap_or_else(PoisonError::into_inner);
            line.asleep = false;
        }
    }

    /// Waits, at most for so long, until those who were `served` in the last group may have come
    /// back beside those who wait already.
    pub(crate) fn gather(&self, served: usize, patience: Duration) {
        let mut line = self.line();
        line.expected = (line.commands.len() + served).min(self.group);
        line.asleep = true;
        let few = |line: &mut Line<C, X>| {
            line.commands.len() < line.expected && line.exclusive.is_empty() && !line.closed
        };
        let gathered = self.changed.wait_timeout_while(line, patience, few);
        let (mut line, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        (line.expected, line.asleep) = (0, false);
    }

    /// Lets a moment pass, which ends early when the line is closed. Gives whether it is open.
    pub(crate) fn pause(&self, moment: Duration) -> bool {
        let line = self.line();
        let paused = self.changed.wait_timeout_while(line, moment, |line| !line.closed);
        !paused.unwrap_or_else(PoisonError::into_inner).0.closed
    }

    /// Lets nothing more wait; what waits is still served.
    pub(crate) fn close(&self) {
        self.line().closed = true;
        self.changed.notify_all();
    }

    /// Lets nothing more wait and forgets what waits.
    pub(crate) fn abandon(&self) {
        let mut line = self.line();
        line.closed = true;
        line.commands.clear();
        line.exclusive.clear();
    }

    fn line(&self) -> MutexGuard<'_, Line<C, X>> {
        // Nothing panics while it is locked, and what is in it is always whole.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C, X> Line<C, X> {
    fn check_open(&self) -> Result<()> {
        if self.closed { Err(stopped()) } else { Ok(()) }
    }

    fn take_group(&mut self, most: usize) -> Vec<C> {
        let mut group = Vec::with_capacity(self.commands.len().min(most));
        let mut taken = 0;
        while let Some((command, weight)) = self.commands.pop_front() {
            if !group.is_empty() && taken + weight > most {
                self.commands.push_front((command, weight));
                break;
            }
            taken += weight;
            group.push(command);
        }
        self.weight -= taken;
        group
    }
}

/// The teller takes no more commands.
pub(crate) fn stopped() -> StoreError {
    StoreError::Database("the teller has stopped".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_bounded_and_take_turns_with_exclusive_work() {
        let queue = Queue::new(100, 3);
        for command in 1..=4 {
            queue.push(command, 1).unwrap();
        }
        queue.push_exclusive('a').unwrap();
        queue.push_exclusive('b').unwrap();
        queue.push(5, 50).unwrap();
        queue.close();
        let served: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
        let expected = [
            Work::Exclusive('a'),
            Work::Group(vec![1, 2, 3]),
            Work::Exclusive('b'),
            Work::Group(vec![4]),
            Work::Group(vec![5]),
        ];
        assert_eq!(served, expected);
        assert!(queue.push(6, 1).is_err());
    }

    #[test]
    fn a_group_is_gathered_until_all_are_there_or_other_work_comes() {
        // For ever, if it would not end by itself.
        let patience = Duration::MAX;
        let queue = Queue::new(100, 4);
        queue.push(1, 1).unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| (2..=4).for_each(|command| queue.push(command, 1).unwrap()));
            queue.gather(3, patience);
        });
        assert_eq!(queue.next(), Some(Work::Group(vec![1, 2, 3, 4])));
        queue.push_exclusive('a').unwrap();
        queue.gather(3, patience);
        assert_eq!(queue.next(), Some(Work::Exclusive('a')));
        queue.close();
        queue.gather(3, patience);
        assert_eq!(queue.next(), None);
    }

    #[test]
    fn a_full_line_turns_commands_away_but_one_can_always_wait() {
        let queue = Queue::<_, ()>::new(10, 10);
        queue.push("larger than the line", 11).unwrap();
        let full = queue.push("one more", 1);
        assert!(matches!(full, Err(StoreError::Overloaded { retry_after: 1 })));
        assert_eq!(queue.next(), Some(Work::Group(vec!["larger than the line"])));
        queue.push("one more", 1).unwrap();
    }
}
