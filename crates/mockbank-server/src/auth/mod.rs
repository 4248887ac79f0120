//! How it is known who somebody is: passwords, the tokens that are given for them, the
//! administrator's token, and a memory of what was checked before.

pub(crate) mod admin_token;
pub(crate) mod memo;
pub(crate) mod password;
pub(crate) mod secret;
pub(crate) mod token;
