// Templates that the compiler must evaluate: the numbers are in the object's bytes, or it did something else.
template <unsigned N> struct Fibonacci {
    static constexpr unsigned long value = Fibonacci<N - 1>::value + Fibonacci<N - 2>::value;
};
template <> struct Fibonacci<1> { static constexpr unsigned long value = 1; };
template <> struct Fibonacci<0> { static constexpr unsigned long value = 0; };

template <typename T, unsigned N> constexpr T sum(const T (&items)[N]) {
    T total = 0;
    for (T item : items)
        total += item;
    return total;
}

template <typename... Bits> constexpr unsigned char mask(Bits... bits) {
    return (0 | ... | (1u << bits));
}

constexpr unsigned char few[] = {1, 2, 3, 4};

static_assert(__is_same(decltype(sum(few)), unsigned char));

extern "C" const unsigned long answers[3] __attribute__((used, section(".answers"))) = {
    Fibonacci<40>::value, sum(few), mask(0, 3, 7)};

extern "C" int main() { return answers[1]; }
