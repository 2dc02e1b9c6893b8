;; The inner loop of interpolator.ts, four taps at a time (WebAssembly SIMD). `node packages/dsp/build-simd.js` turns it
;; into src/simd-code.ts. Everything is in one memory, and offsets are in bytes: the kernel's table at 0, then two
;; channels of input and two of output. Nothing is checked here: the caller has sized the memory.
(module
  (import "host" "memory" (memory 1))
  (func (export "interpolate")
    (param $frames i32) (param $rowBytes i32)
    (param $left i32) (param $right i32) (param $outLeft i32) (param $outRight i32)
    (param $position f64) (param $ratio f64) (param $bend f64) (param $gain f64) (param $gainSlope f64)
    (local $frame i32) (local $index f64) (local $at f64) (local $whole i32) (local $row i32)
    (local $coefficients i32) (local $end i32) (local $l i32) (local $r i32)
    (local $between v128) (local $here v128) (local $sumLeft v128) (local $sumRight v128) (local $level v128)
    (block $done
      (loop $nextFrame
        (br_if $done (i32.ge_s (local.get $frame) (local.get $frames)))
        ;; Where between two table rows this frame is.
        (local.set $index (f64.convert_i32_s (local.get $frame)))
        (local.set $at
          (f64.add (local.get $position)
            (f64.mul (local.get $index)
              (f64.add (local.get $ratio) (f64.mul (local.get $index) (local.get $bend))))))
        (local.set $whole (i32.trunc_sat_f64_s (local.get $at)))
        (local.set $at (f64.mul (f64.sub (local.get $at) (f64.convert_i32_s (local.get $whole))) (f64.const 256)))
        (local.set $row (i32.trunc_sat_f64_s (local.get $at)))
        (local.set $between
          (f32x4.splat (f32.demote_f64 (f64.sub (local.get $at) (f64.convert_i32_s (local.get $row))))))
        (local.set $coefficients (i32.mul (local.get $row) (local.get $rowBytes)))
        (local.set $end (i32.add (local.get $coefficients) (local.get $rowBytes)))
        (local.set $l (i32.add (local.get $left) (i32.shl (local.get $whole) (i32.const 2))))
        (local.set $r (i32.add (local.get $right) (i32.shl (local.get $whole) (i32.const 2))))
        (local.set $sumLeft (v128.const f32x4 0 0 0 0))
        (local.set $sumRight (v128.const f32x4 0 0 0 0))
        (loop $nextTaps
          (local.set $here (v128.load (local.get $coefficients)))
          (local.set $here
            (f32x4.add (local.get $here)
              (f32x4.mul (local.get $between)
                (f32x4.sub
                  (v128.load (i32.add (local.get $coefficients) (local.get $rowBytes)))
                  (local.get $here)))))
          (local.set $sumLeft
            (f32x4.add (local.get $sumLeft) (f32x4.mul (local.get $here) (v128.load (local.get $l)))))
          (local.set $sumRight
            (f32x4.add (local.get $sumRight) (f32x4.mul (local.get $here) (v128.load (local.get $r)))))
          (local.set $l (i32.add (local.get $l) (i32.const 16)))
          (local.set $r (i32.add (local.get $r) (i32.const 16)))
          (local.set $coefficients (i32.add (local.get $coefficients) (i32.const 16)))
          (br_if $nextTaps (i32.lt_u (local.get $coefficients) (local.get $end))))
        ;; Lanes 0 and 1 of $level become the sums of left and right: the halves are added, then the quarters.
        (local.set $level
          (f32x4.add
            (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $sumLeft) (local.get $sumRight))
            (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $sumLeft) (local.get $sumRight))))
        (local.set $level
          (f32x4.mul
            (f32x4.add
              (local.get $level)
              (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $level) (local.get $level)))
            (f32x4.splat
              (f32.demote_f64
                (f64.add (local.get $gain) (f64.mul (local.get $index) (local.get $gainSlope)))))))
        (f32.store (local.get $outLeft) (f32x4.extract_lane 0 (local.get $level)))
        (f32.store (local.get $outRight) (f32x4.extract_lane 1 (local.get $level)))
        (local.set $outLeft (i32.add (local.get $outLeft) (i32.const 4)))
        (local.set $outRight (i32.add (local.get $outRight) (i32.const 4)))
        (local.set $frame (i32.add (local.get $frame) (i32.const 1)))
        (br $nextFrame)))))
