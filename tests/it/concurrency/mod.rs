//! Many operations at once in one provider process, and others at work on the same objects.

mod others;
mod overwritten;
mod thirty;
