// RUN: %ssm-opt %s --split-input-file --verify-diagnostics

func.func @f(%h: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{carries a value along 'L', the scanned dimension}}
  %0 = ssm.scan "L" init(%h : tensor<?xf32, #ssm.dims<L>>) over() final(tensor<?xf32, #ssm.dims<L>>) {
  ^bb0(%l: tensor<i64>, %c: tensor<?xf32, #ssm.dims<L>>):
    ssm.yield %c : tensor<?xf32, #ssm.dims<L>>
  }
  return
}

// -----

func.func @f(%h: tensor<f32>) {
  // expected-error @below {{has 1 initial values and 0 final ones}}
  ssm.scan "L" init(%h : tensor<f32>) over() {
  ^bb0(%l: tensor<i64>, %c: tensor<f32>):
    ssm.yield %c : tensor<f32>
  }
  return
}

// -----

func.func @f(%h: tensor<f32>) {
  // expected-error @below {{starts from 'tensor<f32>' and ends as 'tensor<f64>'}}
  %0 = ssm.scan "L" init(%h : tensor<f32>) over() final(tensor<f64>) {
  ^bb0(%l: tensor<i64>, %c: tensor<f32>):
    ssm.yield %c : tensor<f32>
  }
  return
}

// -----

func.func @f(%u: tensor<?xf32, #ssm.dims<B>>) {
  // expected-error @below {{runs over [B], which lacks 'L'}}
  ssm.scan "L" init() over(%u : tensor<?xf32, #ssm.dims<B>>) {
  ^bb0(%l: tensor<i64>, %ul: tensor<?xf32, #ssm.dims<B>>):
    ssm.yield
  }
  return
}

// -----

func.func @f() {
  // expected-error @below {{stacks [B], which lacks 'L'}}
  %0 = ssm.scan "L" init() over() stacked(tensor<?xi64, #ssm.dims<B>>) {
  ^bb0(%l: tensor<i64>):
    ssm.yield %l : tensor<i64>
  }
  return
}

// -----

func.func @f(%h: tensor<f32>) {
  // expected-error @below {{needs a block with the index, 1 carries and 0 slices, got 1 arguments}}
  %0 = ssm.scan "L" init(%h : tensor<f32>) over() final(tensor<f32>) {
  ^bb0(%l: tensor<i64>):
    ssm.yield %h : tensor<f32>
  }
  return
}

// -----

func.func @f(%h: tensor<f32>) {
  // expected-error @below {{needs the index as tensor<i64> first}}
  %0 = ssm.scan "L" init(%h : tensor<f32>) over() final(tensor<f32>) {
  ^bb0(%l: tensor<f32>, %c: tensor<f32>):
    ssm.yield %c : tensor<f32>
  }
  return
}

// -----

func.func @f(%u: tensor<?xf32, #ssm.dims<L>>) {
  // expected-error @below {{hands its block 'tensor<f32>' of 'tensor<?xf32, #ssm.dims<L>>', not 'tensor<f64>'}}
  ssm.scan "L" init() over(%u : tensor<?xf32, #ssm.dims<L>>) {
  ^bb0(%l: tensor<i64>, %ul: tensor<f64>):
    ssm.yield
  }
  return
}

// -----

func.func @f(%h: tensor<f32>) {
  // expected-error @below {{must yield 1 carries and 0 outputs}}
  %0 = ssm.scan "L" init(%h : tensor<f32>) over() final(tensor<f32>) {
  ^bb0(%l: tensor<i64>, %c: tensor<f32>):
    ssm.yield %c, %c : tensor<f32>, tensor<f32>
  }
  return
}

// -----

// A carry keeps its type from step to step.
func.func @f(%h: tensor<f32>) {
  // expected-error @below {{carries 'tensor<f32>' and yields 'tensor<i64>'}}
  %0 = ssm.scan "L" init(%h : tensor<f32>) over() final(tensor<f32>) {
  ^bb0(%l: tensor<i64>, %c: tensor<f32>):
    ssm.yield %l : tensor<i64>
  }
  return
}

// -----

func.func @f() {
  // expected-error @below {{yields 'tensor<i64>' for an output 'tensor<?xf32, #ssm.dims<L>>'}}
  %0 = ssm.scan "L" init() over() stacked(tensor<?xf32, #ssm.dims<L>>) {
  ^bb0(%l: tensor<i64>):
    ssm.yield %l : tensor<i64>
  }
  return
}
