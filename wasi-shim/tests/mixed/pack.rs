pub fn module() -> &'static dyn afmpeg_lift_runtime::Module { todo!() }
