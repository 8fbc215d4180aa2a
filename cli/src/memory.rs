//! Where memory comes from in a command that has musl inside it, whose own memory is slow: it is taken from musl in large pieces.

use std::alloc::System;

use spinning_top::RawSpinlock;
use talc::TalcLock;
use talc::source::GlobalAllocSource;

#[global_allocator]
static MEMORY: TalcLock<RawSpinlock, GlobalAllocSource<System>> = TalcLock::new(GlobalAllocSource::new(System));
