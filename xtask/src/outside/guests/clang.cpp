// A program that needs much of the C++ library: containers, algorithms, streams, strings, lambdas, templates.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

template <unsigned N> struct Fibonacci {
    static constexpr unsigned long long value = Fibonacci<N - 1>::value + Fibonacci<N - 2>::value;
};
template <> struct Fibonacci<1> { static constexpr unsigned long long value = 1; };
template <> struct Fibonacci<0> { static constexpr unsigned long long value = 0; };

struct Shape {
    virtual ~Shape() = default;
    virtual int sides() const = 0;
};
template <int N> struct Polygon : Shape {
    int sides() const override { return N; }
};

template <typename... T> auto total(T... terms) { return (terms + ...); }

int main(int argc, char **argv)
{
    std::map<std::string, int> counts;
    std::string word;
    while (std::cin >> word)
        ++counts[word];
    for (const auto &[name, count] : counts)
        std::cout << name << ' ' << count << '\n';

    std::vector<std::unique_ptr<Shape>> shapes;
    shapes.push_back(std::make_unique<Polygon<3>>());
    shapes.push_back(std::make_unique<Polygon<8>>());
    std::vector<int> sides(shapes.size());
    std::transform(shapes.begin(), shapes.end(), sides.begin(), [](const auto &shape) { return shape->sides(); });
    std::sort(sides.begin(), sides.end(), std::greater<>());
    std::cout << sides[0] << ' ' << std::accumulate(sides.begin(), sides.end(), 0) << '\n';

    {
        std::ofstream file("numbers.txt");
        for (int number = 0; number < 1000; ++number)
            file << number * number << '\n';
    }
    std::ifstream file("numbers.txt");
    long long sum = 0;
    for (long long number; file >> number;)
        sum += number;
    std::cout << sum << ' ' << Fibonacci<90>::value << ' ' << total(1, 2.5, 3) << ' ' << argc << ' ' << argv[1]
              << std::endl;
    return 3;
}
