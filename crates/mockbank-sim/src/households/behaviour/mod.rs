//! What households do and what befalls them, a file for each behaviour. Each draws the events of a
//! day from a person, the calendar and the memory.

pub(crate) mod bills;
pub(crate) mod crime;
pub(crate) mod friends;
pub(crate) mod income;
pub(crate) mod spending;
pub(crate) mod takings;
pub(crate) mod upkeep;
