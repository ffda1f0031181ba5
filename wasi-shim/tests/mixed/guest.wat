;; A guest whose hot functions can be lifted alone. The number of its arguments says what it does; it writes
;; the 16 bytes at 64 to stdout.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (memory (export "memory") 2)
  (table 2 funcref)
  (elem (i32.const 0) $hash $hash)
  (global $sp (mut i32) (i32.const 65536))
  (global $calls (mut i64) (i64.const 0))
  (type $binary (func (param i32 i32) (result i32)))

  ;; 2: a hot loop with a frame on the guest's stack, and a callee
  (func $hash (param $from i32) (param $count i32) (result i32)
    (local $frame i32)
    (global.set $sp (local.tee $frame (i32.sub (global.get $sp) (i32.const 16))))
    (global.set $calls (i64.add (global.get $calls) (i64.const 1)))
    (i32.store (local.get $frame) (i32.const 5381))
    (loop $more
      (i32.store (local.get $frame)
        (call $step (i32.load (local.get $frame)) (i32.load8_u (local.get $from))))
      (local.set $from (i32.add (local.get $from) (i32.const 1)))
      (br_if $more (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
    (global.set $sp (i32.add (local.get $frame) (i32.const 16)))
    (i32.load (local.get $frame)))
  ;; 3: bounded, so that its callers count its work
  (func $step (param $hash i32) (param $byte i32) (result i32)
    (i32.add (i32.mul (local.get $hash) (i32.const 33)) (local.get $byte)))
  ;; 4
  (func $divide (param $a i32) (param $b i32) (result i32)
    (i32.div_s (local.get $a) (local.get $b)))
  ;; 5
  (func $spin (loop $forever (br $forever)))
  ;; 6
  (func $deep (param $n i32) (result i32)
    (i32.add (call $deep (i32.add (local.get $n) (i32.const 1))) (i32.const 1)))
  ;; 7: every number type
  (func $numbers (param $a f64) (param $b i64) (param $c f32) (result f64)
    (f64.add (f64.mul (local.get $a) (f64.convert_i64_s (local.get $b)))
      (f64.promote_f32 (local.get $c))))
  ;; 8 to 11: left to the interpreter
  (func $table (param $n i32) (result i32)
    (call_indirect (type $binary) (i32.const 4096) (local.get $n) (i32.const 1)))
  (func $above_table (param $n i32) (result i32) (call $table (local.get $n)))
  (func $grow (drop (memory.grow (i32.const 1))))
  (func $pair (result i32 i32) (i32.const 1) (i32.const 2))
  ;; 12
  (func $write
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  ;; 13: memory that has grown since is seen, up to its new end
  (func $last (param $at i32) (result i32)
    (i32.store8 (local.get $at) (i32.const 77))
    (i32.add (i32.load8_u (local.get $at)) (memory.size)))

  (func $run (param $what i32)
    (block $seven (block $six (block $five (block $four (block $three (block $two (block $one
      (br_table $one $one $two $three $four $five $six $seven (local.get $what)))
        ;; 1: all that ends
        (i32.store (i32.const 64) (call $table (i32.const 50000)))
        (i32.store (i32.const 68) (global.get $sp))
        (call $grow)
        (i32.store (i32.const 72)
          (i32.add (call $last (i32.const 196607)) (i32.wrap_i64 (global.get $calls))))
        (f32.store (i32.const 76) (f32.demote_f64
          (call $numbers (f64.const 1.5) (i64.const -3) (f32.const 0.25))))
        return)
      (drop (call $hash (i32.const 131000) (i32.const 1000))) return)
    (drop (call $divide (i32.const 1) (i32.const 0))) return)
    (drop (call $divide (i32.const 0x80000000) (i32.const -1))) return)
    (call $spin) return)
    (drop (call $deep (i32.const 0))) return)
    (loop $forever (drop (call $step (i32.const 1) (i32.const 2))) (br $forever)))

  (func (export "_start")
    (drop (call $args_sizes_get (i32.const 16) (i32.const 20)))
    (call $run (i32.load (i32.const 16)))
    (call $write)))
